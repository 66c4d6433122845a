# bzip2 has no configure, and its Makefiles know neither CPPFLAGS nor LDFLAGS nor DESTDIR.
root="${DESTDIR}${PREFIX}"

make -f Makefile-libbz2_so CC="gcc ${LDFLAGS}" CFLAGS="${CFLAGS} -D_FILE_OFFSET_BITS=64"
# The Makefile's own bzip2-shared names no rpath of its own, hence LDFLAGS in CC above.
install -d "${root}/bin" "${root}/include" "${root}/lib/pkgconfig"
install -m 755 bzip2-shared "${root}/bin/bzip2"
install -m 755 "libbz2.so.${VERSION}" "${root}/lib/libbz2.so.${VERSION}"
install -m 644 bzlib.h "${root}/include/bzlib.h"
ln -sf "libbz2.so.${VERSION}" "${root}/lib/libbz2.so.1.0"
ln -sf libbz2.so.1.0 "${root}/lib/libbz2.so.1"
ln -sf libbz2.so.1.0 "${root}/lib/libbz2.so"
cat > "${root}/lib/pkgconfig/bzip2.pc" <<PC
prefix=${PREFIX}
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: bzip2
Description: Block-sorting compression library
Version: ${VERSION}
Libs: -L\${libdir} -lbz2
Cflags: -I\${includedir}
PC

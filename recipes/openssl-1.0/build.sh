# OpenSSL 1.0.2's Configure reads no CFLAGS and no LDFLAGS: flags are arguments. Its Makefiles
# call the staging folder INSTALL_PREFIX, and do not say all that depends on what: one job. Its
# assembler sources do not say that they need no executable stack; glibc 2.41 loads no such library.
home="${PREFIX}/openssl-1.0"
unset MAKEFLAGS

# shellcheck disable=SC2086 # flags are separate words
./Configure linux-x86_64 --prefix="${home}" --openssldir="${home}/ssl" --libdir=lib shared no-zlib \
    -Wa,--noexecstack ${CFLAGS} ${CPPFLAGS} "-Wl,-rpath,${home}/lib" ${LDFLAGS}
make depend
make all
make install_sw "INSTALL_PREFIX=${DESTDIR}"

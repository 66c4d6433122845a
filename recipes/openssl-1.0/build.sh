# OpenSSL 1.0.2's Configure reads no CFLAGS and no LDFLAGS: flags are arguments. Its Makefiles
# call the staging folder INSTALL_PREFIX, and do not say all that depends on what: one job.
home="${PREFIX}/openssl-1.0"
unset MAKEFLAGS

# shellcheck disable=SC2086 # flags are separate words
./Configure linux-x86_64 --prefix="${home}" --openssldir="${home}/ssl" --libdir=lib shared no-zlib \
    ${CFLAGS} ${CPPFLAGS} "-Wl,-rpath,${home}/lib" ${LDFLAGS}
make depend
make all
make install_sw "INSTALL_PREFIX=${DESTDIR}"

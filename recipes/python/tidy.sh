# After the installation: no file may name the folder in which CPython was compiled (sysconfig's
# answers do, and every extension compiled later would inherit them).
library="${DESTDIR}${PREFIX}/lib/python3.13"

grep -rlI /build/src "${library}" --include='_sysconfigdata_*.py' --include=Makefile |
    xargs sed -i "s|/build/src|${PREFIX}/src/python-${VERSION}|g"
# The Makefile, config.c and so on stay (sysconfig reads the Makefile); objects are of no use.
rm -f "${library}"/config-3.13-*/*.o

# Some modules are published as scripts of /usr/bin/env; here they are modules only.
find "${library}" -name '*.py' -perm /111 -exec chmod a-x {} +

for data in "${library}"/_sysconfigdata_*.py; do
    LD_LIBRARY_PATH="${DESTDIR}${PREFIX}/lib" PYTHONHOME="${DESTDIR}${PREFIX}" \
        "${DESTDIR}${PREFIX}/bin/python3.13" -m compileall -q -f \
        -s "${DESTDIR}" --invalidation-mode checked-hash "${data}"
done

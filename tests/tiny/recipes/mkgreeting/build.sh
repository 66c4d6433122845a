mkdir -p "$PREFIX/bin"
printf '#!/bin/sh\necho "const char *hello(void) { return \\"$1\\"; }"\n' >"$PREFIX/bin/mkgreeting"
chmod 755 "$PREFIX/bin/mkgreeting"

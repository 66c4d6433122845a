mkdir -p "$PREFIX/bin"
gcc $CFLAGS main.c $LDFLAGS -lhello -o "$PREFIX/bin/hello"

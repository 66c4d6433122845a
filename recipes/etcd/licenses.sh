# Go programs contain all that they use: every module's licence, and Go's own, ships with them.
cp vendor/go.etcd.io/etcd/server/v3/LICENSE LICENSE
{
  find vendor -type f \( -iname 'LICENSE*' -o -iname 'COPYING*' -o -iname 'NOTICE*' \) | LC_ALL=C sort
  echo "$PREFIX/go/LICENSE"
} | while read -r file; do
  title=${file#vendor/}
  printf '==== %s ====\n\n' "${title#"$PREFIX/"}"
  cat "$file"
  echo
done >THIRD-PARTY-LICENSES

#!/bin/sh
# Draws the pictures of README and docs with headless Chromium, from pages that the program writes.
#
#   docs/images/draw.sh MINICNN DATA
set -eu
minicnn=$1 data=$2
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A page, with a script of its own names at its end, as a picture: NAME WIDTH HEIGHT PAGE SCRIPT.
draw() {
  cp "$4" "$work/page.html"
  printf '<script>%s</script>\n' "$5" >>"$work/page.html"
  for scheme in 0:dark 1:light; do
    chromium-headless-shell --no-sandbox --disable-gpu --hide-scrollbars --window-size="$2,$3" \
      --virtual-time-budget=3000 --force-prefers-reduced-motion --blink-settings=preferredColorScheme="${scheme%%:*}" \
      --screenshot="$work/picture.png" "file://$work/page.html" >/dev/null 2>&1
    pngquant --force --speed 1 --output "$here/$1-${scheme#*:}.png" 64 "$work/picture.png"
  done
}

"$minicnn" see Models/digits-fast.weights.h5 --data "$data" --index 7 -o "$work/see.html" >/dev/null
draw see 1320 900 "$work/see.html" "state.arrived = 1; state.showsSaliency = byId('saliency').checked = true;
  redraw(); select(3, (5 * 12 + 4) * 16 + 2)"
"$minicnn" report Models/digits-best.weights.h5 --data "$data" -o "$work/report.html" >/dev/null
draw report 1320 1500 "$work/report.html" ""

# Loaded by the plots beside it, which draw what benchmarks have written with `--out DIR` (Debian: gnuplot-nox):
#
#   ruby -Ilib benchmark/all.rb --out DIR
#   mkdir -p docs/performance
#   for plot in request sizes throughput collection; do gnuplot -e "results='DIR'" benchmark/plots/$plot.gp; done

reset
set datafile separator tab
set terminal svg size 760,420 font "sans-serif,13" background "white"
set border 3
set format y "%.0f"
set tics nomirror out scale 0.5
set datafile missing NaN
set grid ytics lc rgb "#dddddd"
set key top left
set style line 1 lw 2 pt 7 ps 0.6 lc rgb "#1f6f8b"
set style line 2 lw 2 pt 7 ps 0.6 lc rgb "#d1495b"
set style line 3 lw 2 pt 7 ps 0.6 lc rgb "#66a182"
set style line 4 lw 2 pt 7 ps 0.6 lc rgb "#8d96a3"

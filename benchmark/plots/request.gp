load "benchmark/plots/common.gp"
set output "docs/performance/request.svg"
set title "CPU of a request and of its calls"
set xlabel "microseconds"
set yrange [*:*] reverse
set ytics scale 0
set xrange [0:*]
unset grid
set grid xtics lc rgb "#dddddd"
set style fill solid
set offsets 0, graph 0.08, 0.5, 0.5
unset key
plot results."/request.tsv" skip 1 using (0):0:(0):2:($0-0.35):($0+0.35):yticlabels(1) with boxxyerror ls 1, \
     "" skip 1 using 2:0:(sprintf(" %g", $2)) with labels left offset 0.4, 0

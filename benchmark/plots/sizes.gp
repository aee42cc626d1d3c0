load "benchmark/plots/common.gp"
set output "docs/performance/sizes.svg"
set title "CPU of a request that loads and saves its session, by its size"
set xlabel "session, KB"
set ylabel "microseconds"
set logscale xy
set xtics (0.2, 1, 4, 16, 64, 150, 300)
file = results."/sizes.tsv"
plot file skip 1 using 1:2 with linespoints ls 1 title "through the middleware", \
     file skip 1 using 1:3 with linespoints ls 4 title "floor: the two calls in Rust"

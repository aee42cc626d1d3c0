load "benchmark/plots/common.gp"
set output "docs/performance/throughput.svg"
set title "GetItem of 1 KB"
set xlabel "threads, processes or fibers"
set ylabel "requests a second"
set logscale x 2
set xtics (1, 2, 4, 8, 16, 32)
set yrange [0:*]
set key outside right top
file = results."/throughput.tsv"
number(kind) = stringcolumn(1) eq kind ? column(2) : NaN
plot file skip 1 using (number("threads")):3 with linespoints ls 1 title "threads", \
     file skip 1 using (number("processes")):3 with linespoints ls 2 title "processes", \
     file skip 1 using (number("fibers")):3 with linespoints ls 3 title "fibers", \
     file skip 1 using (number("threads, client in Ruby")):3 with linespoints ls 4 title "threads, Ruby"

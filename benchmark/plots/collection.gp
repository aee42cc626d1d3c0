load "benchmark/plots/common.gp"
set output "docs/performance/collection.svg"
set title "Collection of a table of which every second row is garbage"
set xlabel "rows"
set ylabel "rows a second"
set logscale x
set format x "%.0f"
set yrange [0:*]
set key outside right top
file = results."/collection.tsv"
rows(collector, delay) = stringcolumn(1) eq collector && column(3) == delay ? column(2) : NaN
plot file skip 1 using (rows("this gem", 0)):4 with linespoints ls 1 title "this gem", \
     file skip 1 using (rows("this gem", 5)):4 with linespoints ls 1 dt 2 title "this gem, 5 ms away", \
     file skip 1 using (rows("sequential, in Ruby", 0)):4 with linespoints ls 4 title "sequential, Ruby", \
     file skip 1 using (rows("sequential, in Ruby", 5)):4 with linespoints ls 4 dt 2 title "sequential, 5 ms away"

copy t (a, b) from stdin with (format csv, header);
explain (analyze, buffers, format json) select 1

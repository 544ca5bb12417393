vacuum (analyze, verbose) t (a);
lock table t in access exclusive mode

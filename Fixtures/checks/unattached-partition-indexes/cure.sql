DROP INDEX p1_a_idx;

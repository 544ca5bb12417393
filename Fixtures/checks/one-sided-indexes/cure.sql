DROP INDEX t_kind;

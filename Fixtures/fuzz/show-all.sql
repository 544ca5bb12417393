show all;
begin isolation level serializable read only

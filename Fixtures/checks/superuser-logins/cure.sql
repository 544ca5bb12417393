DROP ROLE powers_super;
DROP ROLE powers_loader;
DROP ROLE powers_seer;

DROP ROLE planted_expiring;

select * from "Mixed Case" as "é" where "é"."Größe" = 'ü' and 名前 = '値';
select -5, +5, - - 5, -(5), 1.5e-3, .5, 10000000000, 99999999999999999999

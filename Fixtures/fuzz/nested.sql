select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select 1))))))))))))))))))));
select ((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))

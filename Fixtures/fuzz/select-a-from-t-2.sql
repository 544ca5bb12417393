select a from t for update of t skip locked;
values (1, 'a'), (2, 'b')

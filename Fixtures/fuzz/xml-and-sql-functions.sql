select xmlparse(document '<a/>' strip whitespace), xmlpi(name p, 'x'), xmlroot(a, version no value, standalone yes), xmlserialize(content a as text), xmlconcat(a, b), xmlexists('//a' passing by ref b);
select * from xmltable(xmlnamespaces('x' as a, default 'y'), '/a' passing b columns c int path 'd' default 1 not null, e for ordinality);
select normalize(a, nfkc), a is nfc normalized, position('a' in b), overlay(a placing b from 1), collation for (a), treat(a as int)

select 'a'
'b', e'\u00e9\xc3\xa9', u&'!0041' uescape '!', U&"d!0061t!+000061" uescape '!', $a$ $b$ $a$

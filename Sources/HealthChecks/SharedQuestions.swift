// Conditions that most questions about objects share.

import Database

/// Of `pg_class AS c`: made by a user, lasting, and no part of an extension.
let ownRelation: SQL = """
   c.oid >= 16384 AND c.relpersistence <> 't' AND NOT EXISTS (SELECT FROM pg_depend AS own
     WHERE own.classid = 'pg_class'::regclass AND own.objid = c.oid AND own.deptype = 'e')

  """

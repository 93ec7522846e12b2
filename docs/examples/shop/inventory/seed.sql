DROP TABLE IF EXISTS stock;
CREATE TABLE stock (
  item_id TEXT PRIMARY KEY,
  unit TEXT NOT NULL,
  available INTEGER NOT NULL
);
INSERT INTO stock VALUES ('tea-1', 'pack', 5000), ('tea-2', 'pack', 0), ('pot-1', 'piece', 3);

DROP TABLE IF EXISTS reservations;
CREATE TABLE reservations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  item_id TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  reserved_at TEXT NOT NULL
);
INSERT INTO reservations VALUES
  (1, 'tea-1', 2, '2026-03-31T09:30:00Z'),
  (2, 'pot-1', 1, '2026-03-31T09:31:00Z');

DROP TABLE IF EXISTS carts;
CREATE TABLE carts (
  cart_id INTEGER PRIMARY KEY AUTOINCREMENT,
  customer TEXT NOT NULL,
  checked_out_on TEXT
);
INSERT INTO carts VALUES (1, 'Ada', NULL), (2, 'Ada', NULL), (3, 'Grace', NULL), (4, 'Grace', '2026-03-31');

DROP TABLE IF EXISTS lines;
CREATE TABLE lines (
  cart_id INTEGER NOT NULL,
  item_id TEXT NOT NULL,
  name TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  price INTEGER NOT NULL,
  reservation INTEGER NOT NULL,
  weight_grams INTEGER NOT NULL
);
INSERT INTO lines VALUES
  (2, 'tea-1', 'Darjeeling, first flush', 2, 1250, 1, 240),
  (4, 'pot-1', 'Cast-iron teapot', 1, 4900, 2, 1850);

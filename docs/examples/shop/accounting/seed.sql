DROP TABLE IF EXISTS invoices;
CREATE TABLE invoices (
  serial INTEGER PRIMARY KEY AUTOINCREMENT,
  cart_id INTEGER NOT NULL UNIQUE,
  customer TEXT NOT NULL,
  text TEXT NOT NULL,
  total INTEGER NOT NULL,
  bought_on TEXT NOT NULL,
  paid_on TEXT
);
INSERT INTO invoices VALUES
  (1, 900001, 'Ada', '2 x Sencha', 1980, '2026-02-14', NULL),
  (2, 900002, 'Grace', '1 x Cast-iron teapot', 4900, '2026-02-20', '2026-02-28');

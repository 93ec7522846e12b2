DROP TABLE IF EXISTS items;
CREATE TABLE items (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  unit TEXT NOT NULL,
  added_on TEXT NOT NULL,
  weight_grams INTEGER NOT NULL
);
INSERT INTO items VALUES
  ('tea-1', 'Darjeeling, first flush', 'tea', 'pack', '2026-01-15', 120),
  ('tea-2', 'Sencha', 'tea', 'pack', '2026-01-15', 110),
  ('pot-1', 'Cast-iron teapot', 'pots', 'piece', '2026-02-01', 1850),
  ('cup-1', 'Stoneware cup', 'cups', 'piece', '2026-03-10', 240);

DROP TABLE IF EXISTS offers;
CREATE TABLE offers (
  item_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  cents INTEGER NOT NULL,
  since TEXT NOT NULL
);
INSERT INTO offers VALUES
  ('tea-1', 'Darjeeling, first flush', 'tea', 1250, '2026-03-01'),
  ('tea-2', 'Sencha', 'tea', 990, '2026-03-01'),
  ('pot-1', 'Cast-iron teapot', 'pots', 4900, '2026-03-01');

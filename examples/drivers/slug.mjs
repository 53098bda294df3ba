#!/usr/bin/env node
// program.transform: adds the column `slug`, made of another one.
// config: {command: [node, slug.mjs], from: title}
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { config } = JSON.parse(readFileSync(process.env.TARN_CALL, 'utf8'));
let rows = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const row = JSON.parse(line);
  const text = row[config.from];
  if (typeof text !== 'string') {
    console.error(`row ${rows + 1} has no text in ${config.from}`);
    process.exit(1);
  }
  row.slug = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  console.log(JSON.stringify(row));
  if (++rows % 10000 === 0) console.error(JSON.stringify({ progress: rows }));
}
console.error(JSON.stringify({ event: 'slugs_made', rows }));

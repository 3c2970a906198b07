import type { Figure } from '../row.ts';
import { crash } from './crash.ts';
import { death } from './death.ts';
import { fleet } from './fleet.ts';
import { flood } from './flood.ts';
import { plain } from './plain.ts';

/** In the table's order. */
export const figures: readonly Figure[] = [crash, fleet, flood, plain, death];

/** npm run man: writes docs/man/dockvisord.conf.5. The other pages are written by hand. */
import { writeFileSync } from 'node:fs';
import { confPage } from './conf-page.ts';

writeFileSync('docs/man/dockvisord.conf.5', confPage());

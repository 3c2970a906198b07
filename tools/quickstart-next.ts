/** What to type in the second terminal. Commands stand alone on their lines, indented by six: the integration test types what it reads here. */

import type { Paint } from './say.ts';

export interface NextOptions {
  readonly project: string;
  readonly host: string;
  readonly hasSupervisorctl: boolean;
  readonly savedIn: string;
}

interface Step {
  readonly about: string;
  readonly commands: readonly string[];
}

export function nextText(options: NextOptions, paint: Paint): string {
  const lines = stepsOf(options).flatMap(({ about, commands }) => [
    `  ${paint('bold', about)}`,
    ...commands.map((command) => `      ${command}`),
    '',
  ]);
  return [
    paint('green', 'dockvisord is up.') + ' What to type next, in a second terminal, as root:',
    '',
    ...lines,
    `Ctrl-C here stops everything. This text is in ${options.savedIn}`,
    '',
  ].join('\n');
}

function stepsOf({ project, host, hasSupervisorctl }: NextOptions): readonly Step[] {
  const conf = '-c examples/quickstart/supervisord.conf';
  const ours = `dist/dockvisorctl.js ${conf}`;
  // The real one where it is: this is what people keep typing.
  const ctl = hasSupervisorctl ? `supervisorctl ${conf}` : ours;
  const docker = `docker -H ${host}`;
  return [
    {
      about: 'First, so that the paths below are right:',
      commands: [`cd '${project.replaceAll("'", "'\\''")}'`],
    },
    {
      about: hasSupervisorctl
        ? 'The real supervisorctl, and ours: what runs? (crash is given up within 12 s)'
        : 'What runs? (crash is given up within 12 s; a real supervisorctl works too, it is not installed here)',
      commands: hasSupervisorctl ? [`${ctl} status`, `${ours} status`] : [`${ctl} status`],
    },
    {
      about: 'Stop the one that ignores TERM: "stopped" comes after 3 s, and the Engine agrees',
      commands: [`${ctl} stop deaf`, `${docker} ps -a`],
    },
    {
      about: "Kill a proxy: the container does not notice, so the state and the container's pid stay",
      commands: [
        `kill -9 $(${ours} status --json site:web | node -p 'JSON.parse(require("fs").readFileSync(0))[0].proxy.pid')`,
        `${ctl} status site:web`,
      ],
    },
    {
      about: 'Pause a container behind its back, and see it told',
      commands: [
        `${docker} pause quickstart-queue`,
        `${ctl} status queue`,
        `${docker} unpause quickstart-queue`,
      ],
    },
    {
      about: 'Make the one with the health check sick: it says (unhealthy) within 3 s',
      commands: [`${docker} exec quickstart-health rm /tmp/healthy`, `${ctl} status 'site:*'`],
    },
    { about: 'What it printed last', commands: [`${ctl} tail site:web`] },
    {
      about: 'What dockvisord reads from the configuration, without starting anything',
      commands: [`DOCKER_HOST=${host} dist/dockvisor.js check ${conf}`],
    },
  ];
}

/** What the former daemon left of a program, brought up to the last line that it wrote: its logs have grown since its state was saved. */
import type { ChannelSpec, ProcessSpec } from '../core/config/model.ts';
import { readLeft } from '../docker/left.ts';
import type { Left } from '../docker/left.ts';
import { advance } from '../docker/log-position.ts';
import type { ChannelPosition } from '../docker/log-position.ts';
import { messageOf } from '../core/message-of.ts';
import type { Log } from '../log/activity-log.ts';
import { readWrittenSince } from '../log/written-since.ts';
import type { FileMark } from '../log/written-since.ts';
import type { ProgramState } from './state-file.ts';

/** `isSameBoot`: false after a reboot of the machine, in which every life ended: nobody's policy is asked about that. */
export function leftOf(
  former: ProgramState | undefined,
  isSameBoot: boolean,
  spec: ProcessSpec,
  log: Log,
): Left | null {
  const read = readLeft(former?.container);
  const left = read === null || isSameBoot ? read : { ...read, life: null };
  if (former === undefined || left?.output?.position == null) return left;
  const { stdout, stderr } = left.output.position;
  const { logs } = former;
  // Two channels in one file: whose lines are whose cannot be told any more.
  if (logs.stdout !== null && logs.stdout.path === logs.stderr?.path) return left;
  try {
    const position = {
      stdout: caughtUp(stdout, logs.stdout, spec.stdout),
      stderr: caughtUp(stderr, logs.stderr, spec.stderr),
    };
    return { ...left, output: { ...left.output, position } };
  } catch (error) {
    log.warn(
      `${spec.name}: the log of the former daemon cannot be read (${messageOf(error)}): lines that it wrote last may be doubled`,
    );
    return left;
  }
}

function caughtUp(position: ChannelPosition, mark: FileMark | null, channel: ChannelSpec): ChannelPosition {
  // What is said in capture mode is not in the file.
  if (mark === null || channel.captureMaxBytes > 0) return position;
  const chunks = readWrittenSince(mark);
  if (chunks === null) throw new Error(`${mark.path} has been cut short, or moved`);
  let place = position;
  for (const chunk of chunks) place = advance(place, chunk);
  // In the other formats only whole lines are written.
  return channel.format === 'plain' ? place : { ...place, bytes: 0 };
}

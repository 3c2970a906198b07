/** Plain objects in supervisord's order of fields (supervisord.md 5.5, 5.7). */
import { wireStates } from '../core/unit/states.ts';
import type { ChannelSpec } from '../core/config/model.ts';
import type { ProcessView } from '../core/view.ts';
import type { ConfigInfo, GroupOutcome } from '../supervisor/ports.ts';
import { faultCodes, makeFault } from './faults.ts';
import type { XmlRpcStruct } from './xml.ts';

/** getProcessInfo: supervisord's fields, then `container` and `proxy` where there are such (CONTRACT 3). */
export function processStruct(view: ProcessView): XmlRpcStruct {
  return {
    name: view.name,
    group: view.group,
    start: view.start,
    stop: view.stop,
    now: view.now,
    state: wireStates[view.state],
    statename: view.state,
    spawnerr: view.spawnError,
    exitstatus: view.exitStatus,
    logfile: view.stdoutLogfile,
    stdout_logfile: view.stdoutLogfile,
    stderr_logfile: view.stderrLogfile,
    pid: view.pid,
    description: view.description,
    container: view.container === null ? null : { ...view.container },
    proxy: view.proxy === null ? null : { ...view.proxy },
  };
}

/** One line of a group operation. */
export function statusStruct(line: GroupOutcome): XmlRpcStruct {
  const { group, process, outcome } = line;
  if (outcome === 'done') return { name: process, group, status: faultCodes.SUCCESS, description: 'OK' };
  const fault = makeFault(outcome.refused, outcome.text);
  return { name: process, group, status: fault.code, description: fault.text };
}

/** One row of getAllConfigInfo. `view` is the active process of that name, which knows where an AUTO log is. */
export function configStruct(info: ConfigInfo, view: ProcessView | null): XmlRpcStruct {
  const { spec } = info;
  return {
    autostart: spec.autostart,
    directory: spec.directory ?? 'none',
    uid: spec.user?.uid ?? 'none',
    command: spec.command,
    exitcodes: [...spec.exitCodes],
    group: spec.group,
    group_prio: info.groupPriority,
    inuse: info.inUse,
    killasgroup: spec.killAsGroup,
    name: spec.name,
    process_prio: spec.priority,
    redirect_stderr: spec.redirectStderr,
    startretries: spec.startRetries,
    startsecs: spec.startSeconds,
    stdout_capture_maxbytes: spec.stdout.captureMaxBytes,
    stdout_events_enabled: spec.stdout.eventsEnabled,
    stdout_logfile: logfileText(spec.stdout, view?.stdoutLogfile ?? ''),
    stdout_logfile_backups: spec.stdout.backups,
    stdout_logfile_maxbytes: spec.stdout.maxBytes,
    stdout_syslog: spec.stdout.syslog,
    stopsignal: spec.stopSignal.number,
    stopwaitsecs: spec.stopWaitSeconds,
    stderr_capture_maxbytes: spec.stderr.captureMaxBytes,
    stderr_events_enabled: spec.stderr.eventsEnabled,
    stderr_logfile: logfileText(spec.stderr, view?.stderrLogfile ?? ''),
    stderr_logfile_backups: spec.stderr.backups,
    stderr_logfile_maxbytes: spec.stderr.maxBytes,
    stderr_syslog: spec.stderr.syslog,
    serverurl: spec.serverUrl ?? 'none',
  };
}

function logfileText(channel: ChannelSpec, active: string): string {
  switch (channel.target.kind) {
    case 'none':
      return 'none';
    case 'file':
      return channel.target.path;
    case 'auto':
      return active === '' ? 'auto' : active;
  }
}

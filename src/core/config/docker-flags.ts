/**
 * The flags of the docker client (28) and, where they have a different set, podman's (5): which take a value decides where a container's
 * name or image stands. `n|name=` takes a value, `q|quiet` is a switch.
 */
import { flagTable } from './go-flags.ts';

const CLIENT = `
  config= c|context= D|debug H|host= l|log-level= tls tlscacert= tlscert= tlskey= tlsverify v|version h|help`;

export const dockerFlags = flagTable(CLIENT);

export const podmanFlags = flagTable(`
  cdi-spec-dir= cgroup-manager= config= conmon= c|connection= events-backend= H|host= help hooks-dir= identity= imagestore= log-level=
  module= network-cmd-path= network-config-dir= out= r|remote root= runroot= runtime= runtime-flag= ssh= storage-driver= storage-opt=
  syslog tmpdir= tlsca= tls-ca= tls-cert= tls-key= transient-store url= v|version volumepath= noout default-mounts-file= debug trace`);

const START = 'a|attach checkpoint= checkpoint-dir= detach-keys= i|interactive sig-proxy help';
export const startFlags = flagTable(START);
export const podmanStartFlags = flagTable(START, 'all f|filter= l|latest');

const ATTACH = 'detach-keys= no-stdin sig-proxy help';
export const attachFlags = flagTable(ATTACH);
export const podmanAttachFlags = flagTable(ATTACH, 'l|latest');

const RUN = `
  add-host= annotation= a|attach= blkio-weight= blkio-weight-device= cap-add= cap-drop= cgroup-parent= cgroupns= cidfile=
  cpu-count= cpu-percent= cpu-period= cpu-quota= cpu-rt-period= cpu-rt-runtime= c|cpu-shares= cpus= cpuset-cpus= cpuset-mems=
  d|detach detach-keys= device= device-cgroup-rule= device-read-bps= device-read-iops= device-write-bps= device-write-iops=
  disable-content-trust dns= dns-opt= dns-option= dns-search= domainname= entrypoint= e|env= env-file= expose= gpus= group-add=
  health-cmd= health-interval= health-retries= health-start-interval= health-start-period= health-timeout= help h|hostname=
  init i|interactive io-maxbandwidth= io-maxiops= ip= ip6= ipc= isolation= kernel-memory= l|label= label-file= link= link-local-ip=
  log-driver= log-opt= mac-address= m|memory= memory-reservation= memory-swap= memory-swappiness= mount= name= net= net-alias=
  network= network-alias= no-healthcheck oom-kill-disable oom-score-adj= pid= pids-limit= platform= privileged p|publish=
  P|publish-all pull= q|quiet read-only restart= rm runtime= security-opt= shm-size= sig-proxy stop-signal= stop-timeout=
  storage-opt= sysctl= tmpfs= t|tty ulimit= use-api-socket u|user= userns= uts= v|volume= volume-driver= volumes-from= w|workdir=`;

export const runFlags = flagTable(RUN);
export const podmanRunFlags = flagTable(
  RUN,
  `arch= authfile= cert-dir= cgroup-conf= cgroups= chrootdirs= conmon-pidfile= creds= decryption-key= env-host env-merge= gidmap=
  group-entry= health-log-destination= health-max-log-count= health-max-log-size= health-on-failure= health-startup-cmd=
  health-startup-interval= health-startup-retries= health-startup-success= health-startup-timeout= hostuser= hosts-file= http-proxy
  image-volume= init-ctr= init-path= intel-rdt-closid= no-hostname no-hosts os= passwd passwd-entry= personality= pidfile= pod=
  pod-id-file= preserve-fd= preserve-fds= rdt-class= read-only-tmpfs replace requires= retry= retry-delay= rmi rootfs sdnotify=
  seccomp-policy= secret= shm-size-systemd= signature-policy= subgidname= subuidname= systemd= timeout= tls-verify tz= uidmap= umask=
  unsetenv= unsetenv-all variant=`,
);

const COMPOSE = `
  all-resources ansi= compatibility dry-run env-file= f|file= parallel= profile= progress= project-directory= p|project-name=
  verbose no-ansi v|version workdir= insecure-registry= h|help`;

export const composeFlags = flagTable(COMPOSE);
/** docker-compose also takes the client's own. */
export const dockerComposeFlags = flagTable(CLIENT, COMPOSE, 'skip-hostname-check');

export const composeUpFlags = flagTable(`
  abort-on-container-exit abort-on-container-failure always-recreate-deps attach= attach-dependencies build d|detach
  exit-code-from= force-recreate menu no-attach= no-build no-color no-deps no-log-prefix no-recreate no-start pull= quiet-build
  quiet-pull remove-orphans V|renew-anon-volumes scale= t|timeout= timestamps wait wait-timeout= w|watch y|yes help`);

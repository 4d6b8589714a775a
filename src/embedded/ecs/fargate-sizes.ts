/** How ECS lets sizes be written. */

/** Cpu units from what ECS accepts: `1024` or `1 vCPU`; NaN for anything else. */
export function parseCpu(text: string): number {
  const [, vcpus] = /^(\d*\.?\d+) ?vcpu$/i.exec(text) ?? [];
  return vcpus === undefined ? parseDigits(text) : Number(vcpus) * 1024;
}

/** MiB from what ECS accepts: `2048` or `2 GB`; NaN for anything else. */
export function parseMemory(text: string): number {
  const [, gigabytes] = /^(\d*\.?\d+) ?gb$/i.exec(text) ?? [];
  return gigabytes === undefined ? parseDigits(text) : Number(gigabytes) * 1024;
}

function parseDigits(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

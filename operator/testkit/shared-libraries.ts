import { runProgram } from './run-program.ts';

/**
 * Returns the absolute paths of the shared libraries that a program of this machine loads, its loader included; none for a
 * static one.
 *
 * @throws Error when a library is missing, or without `ldd` (on another system than Linux)
 */
export async function sharedLibraries(program: string): Promise<string[]> {
  // Libraries found by these variables would not be found in an image.
  const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: undefined, LD_PRELOAD: undefined };
  const result = await runProgram('ldd', [program], { env }).catch((error: Error) => {
    throw new Error(
      `cannot find the shared libraries of ${program}: ${error.message}; run this on Linux, with ldd on PATH`,
    );
  });
  if (/not a dynamic executable|statically linked/.test(result.stderr + result.stdout)) return [];
  if (result.exitCode !== 0) throw new Error(`ldd ${program} failed: ${result.stderr.trim()}`);
  return parseLdd(program, result.stdout);
}

/** Reads the output of ldd: `libc.so.6 => /lib/libc.so.6 (0x7f…)`, `/lib64/ld-linux-x86-64.so.2 (0x7f…)`, and the kernel's vdso. */
export function parseLdd(program: string, output: string): string[] {
  return output.split('\n').flatMap((line) => {
    const missing = /^\s*(\S+) => not found/.exec(line);
    if (missing)
      throw new Error(`${program} needs the shared library ${missing[1]}, which this machine lacks: install it`);
    const found = /(?:=>|^)\s*(\/\S+)(?: \(0x[0-9a-f]+\))?$/.exec(line);
    return found?.[1] ? [found[1]] : [];
  });
}

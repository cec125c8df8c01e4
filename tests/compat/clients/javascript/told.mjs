// What a program tells the test: one line of JSON, the last one.
export function told(value) {
  process.stdout.write(`\n${JSON.stringify(value)}\n`)
}

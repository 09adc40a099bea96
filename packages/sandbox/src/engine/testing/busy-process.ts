/* Keeps one core busy until it is killed or its parent goes. */
process.on('disconnect', () => process.exit(0));
function burn(): void {
  const until = performance.now() + 50;
  while (performance.now() < until);
  setImmediate(burn);
}
burn();

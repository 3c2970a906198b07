/** Something that ends the daemon before it has begun: printed as `Error: …`, exit 2. */
export class StartError extends Error {}

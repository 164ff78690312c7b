/** One measured thing: what, the figure, and what was promised. */
export type Row = [what: string, figure: string, aim: string];

export * from './containers.ts';
export * from './kind.ts';
export * from './model.ts';
export * from './moments.ts';
export * from './numbers.ts';
export * from './text.ts';
export * from './union.ts';

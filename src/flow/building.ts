/** Whether a flow's builder is running, for those who need not know which. */
let building = false;

export function isBuilding(): boolean {
  return building;
}

export function whileBuilding<T>(body: () => T): T {
  building = true;
  try {
    return body();
  } finally {
    building = false;
  }
}

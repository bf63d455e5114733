// A reply with all that Markdown has, as an assistant might write it.
export const rich = `# A week in Lisbon

Here is a **plan** for *seven* days, with ~~rain~~ sun and some \`code\`. More at https://example.com/lisbon_guide?a=1 or by [mail](mailto:guide@example.com).

## What to take

1. Papers
   - passport
   - tickets
     - train
     - plane
2. Clothes, in a bag that
   is light

   and can be carried.
3. A camera

- [x] Book the hotel
- [ ] Learn *some* Portuguese
- [ ] Pack

| Day | Where | Kilometres | Notes on what to see there |
|-----|:-----:|-----------:|-------|
| Monday | Alfama | 4.5 | The castle, and **fado** in the evening |
| Tuesday | Belém | 12 | Pastéis, the tower and the monastery \`Jerónimos\` |
| Wednesday | Sintra | 31.25 | [Pena Palace](https://example.com/pena) |

> Não há luz como a de Lisboa.
>
> > Quoted in a quote.

---

\`\`\`python
def days(start: date, end: date) -> list[date]:
    """Returns each day from start to end, the last included, in order, without gaps."""

    found = []


    while start <= end:
        found.append(start)
        start += timedelta(days=1)
    return found
\`\`\`

![The river at dusk](data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI0ODAiIGhlaWdodD0iMjAwIj48cmVjdCB3aWR0aD0iNDgwIiBoZWlnaHQ9IjIwMCIgZmlsbD0iI2Y0YTI2MSIvPjxyZWN0IHk9IjEyMCIgd2lkdGg9IjQ4MCIgaGVpZ2h0PSI4MCIgZmlsbD0iIzI2NDY1MyIvPjxjaXJjbGUgY3g9IjM2MCIgY3k9IjEyMCIgcj0iNDAiIGZpbGw9IiNlNzZmNTEiLz48L3N2Zz4=)

Enjoy <b>it</b>!`;

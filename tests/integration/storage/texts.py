"""News texts of our own: one told once, told again in other words, and told of another day."""

from __future__ import annotations

WIRE = """Shelling cut the power to four villages near the river on Tuesday night, the regional administration said.
Repair crews reached two of the villages before dawn and restored electricity to some 1,400 households, while the other two,
which lie on the far bank, will have to wait until the ferry runs again.
A spokeswoman for the grid operator said the damaged line had been repaired three times since September. She said the company
keeps poles and cable in a depot at the railway junction, so that a crew can leave within an hour of an alarm.
Residents told a reporter that they had filled bathtubs and buckets as soon as the lights went out, because the pumps of the
waterworks stop a few minutes later. The school in the largest village stayed shut on Wednesday.
The administration counted no injured people. It asked everyone on the far bank to boil water until Friday."""

EDITED = WIRE.replace("on Tuesday night", "late on Tuesday").replace("stayed shut on Wednesday", "did not open on Wednesday")
"""A sub-editor's copy: the same sentences with two phrases changed."""

EXCERPT = "\n".join(WIRE.split("\n")[3:7])
"""Two paragraphs taken over whole."""

EMBEDDED = (
    """The winter has been hard on the river district, and the last week was no exception. Our reporter spent it with the crews
who keep the lights on, and with the people who wait for them at home. Some have moved in with relatives in the town.
The mayor says that he has stopped counting the outages. He shows a map with coloured pins, one for each transformer, and says
that the red ones are on order from a factory abroad, which delivers in spring at best. Volunteers bring generators.
"""
    + EXCERPT
    + """
In the evening the crews drink tea in the depot. They have a stove, a dog and a radio. Nobody knows when the next alarm will
come, but the van stands with its nose to the gate. The foreman has worked here for thirty-one years, through floods and frost.
"""
)

INDEPENDENT = """Four settlements along the river were left in the dark after an overnight bombardment, officials reported Wednesday.
By morning about 1,400 homes in two of them had electricity once more; engineers cannot cross to the remaining pair until boats
are allowed out. The utility has mended this stretch of cable on three earlier occasions this autumn, its press office noted, and
stores spare parts close to the station for that reason. People kept water in tubs and pails, knowing the pumping station fails
soon after the current does. Pupils of the biggest settlement had the day off. Nobody was reported hurt, and households beyond the
river were advised to boil what comes out of the tap until the end of the working week."""
"""The same event in other words."""

OTHER_DAY = """A freight train left the rails near the junction on Sunday, blocking both tracks for eleven hours, the railway said.
Nine wagons with grain overturned; the driver was treated for bruises. Investigators are looking at a worn switch that inspectors
had marked for replacement in spring. Passengers of three night trains were taken on by bus, some after waiting until morning."""
